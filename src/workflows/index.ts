export { acquireSlot } from './acquireSlot.js';
export { loadDay } from './loadDay.js';
export { rebuildWarehouse } from './rebuildWarehouse.js';
