export { acquireSlot } from './acquireSlot.js';
export { loadDay } from './loadDay.js';
export { loadChunks } from './loadChunks.js';
export { loadRecent } from './loadRecent.js';
export { rebuildWarehouse } from './rebuildWarehouse.js';
export { reloadChanged } from './reloadChanged.js';
