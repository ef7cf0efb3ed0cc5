import type { Store } from '../stores/store.js';

/** Whether something that writes one new object to a store wrote it: false when it was there already. */
export async function noticePutNew(
  store: Store,
  write: (store: Store) => Promise<unknown>,
): Promise<boolean> {
  let isNew = false;
  await write({
    url: store.url,
    async putNew(key, body) {
      isNew = await store.putNew(key, body);
      return isNew;
    },
    put: (key, body) => store.put(key, body),
    putStream: (key, body) => store.putStream(key, body),
    get: (key) => store.get(key),
    getStream: (key) => store.getStream(key),
    list: (prefix) => store.list(prefix),
    listFolders: (prefix) => store.listFolders(prefix),
    remove: (key) => store.remove(key),
    close: () => store.close(),
  });
  return isNew;
}
