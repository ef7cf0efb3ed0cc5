import { topic } from '../setting.js';
import { storeUrl } from '../types/address.js';
import { sizeOrOff } from '../types/size.js';

export const STORES = topic('Stores', {
  raw: {
    name: 'RAW_STORE',
    type: storeUrl,
    unset: 'file:$LADEPULS_HOME/raw',
    about: 'The raw store, which has every answer of every feed, byte for byte.',
    isCommon: true,
  },
  flat: {
    name: 'FLAT_STORE',
    type: storeUrl,
    unset: 'file:$LADEPULS_HOME/flat',
    about: 'The flat store, which has the typed CSV files that the warehouse is loaded from.',
    isCommon: true,
  },
  spoolBytes: {
    name: 'LADEPULS_SPOOL',
    type: sizeOrOff,
    default: '1GB',
    about: 'The largest size of the spool in LADEPULS_HOME, where answers wait while the raw store fails.',
  },
});
