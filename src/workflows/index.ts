export { acquireSlot } from './acquireSlot.js';
export { loadDay } from './loadDay.js';
