import { checkAnswer, splitAnswer, UnreadableObject } from '../rawObject.js';
import { readAhead } from '../readAhead.js';
import type { Store } from '../store.js';
import { ANSWERS_AHEAD, type CopiedAnswer, type Copy, CopyReader } from './copies.js';
import { encodeIndex, type SealedIndex } from './sealedIndex.js';
import { SealedReader } from './sealedReader.js';

/**
 * Read a sealed object back to its end, and compare it byte for byte with the copies that it was made from. The copies
 * are read again. For a copy whose metadata differs from the best copy's, only the body is compared.
 *
 * @throws UnreadableObject when the content differs; then no copy may be removed
 */
export async function verifySealed(
  store: Store,
  plan: { key: string; index: SealedIndex; answers: readonly CopiedAnswer[] },
): Promise<void> {
  const copies = new CopyReader(store);
  const readOriginals = async ({ key, copies: all }: CopiedAnswer) => {
    const others = all.filter(({ generation }) => generation !== plan.key);
    const read = async (copy: Copy) => ({ isBest: copy === all[0], content: await copies.read(key, copy) });
    return { key, originals: await Promise.all(others.map(read)) };
  };
  const sealed = await SealedReader.open(store, plan.key);
  try {
    if (!sealed.indexBytes.equals(encodeIndex(plan.index))) throw different(plan.key, 'its index');
    let position = 0;
    for await (const { key, originals } of readAhead(plan.answers, ANSWERS_AHEAD, readOriginals)) {
      const content = await sealed.content(position++);
      if (originals.length === 0) checkAnswer(key, content);
      for (const { isBest, content: original } of originals)
        if (!content.equals(original) && (isBest || !hasSameBody(key, content, original)))
          throw different(plan.key, key);
    }
    await sealed.expectEnd();
  } finally {
    sealed.close();
    await copies.close();
  }
}

function hasSameBody(key: string, content: Buffer, original: Buffer): boolean {
  return splitAnswer(key, content).body.equals(splitAnswer(key, original).body);
}

function different(key: string, what: string): UnreadableObject {
  return new UnreadableObject(
    `${key} was read back, and ${what} in it differs from the written content. Nothing was removed. Keep a copy of the object, and replace it by an undamaged copy`,
  );
}
