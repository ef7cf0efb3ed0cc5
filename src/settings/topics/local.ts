import { topic } from '../setting.js';
import { port } from '../types/number.js';
import { folder } from '../types/text.js';

export const LOCAL = topic('One machine', {
  cache: {
    name: 'LADEPULS_CACHE',
    type: folder,
    unset: '$XDG_CACHE_HOME/ladepuls or ~/.cache/ladepuls',
    about: 'The folder of downloaded programs.',
  },
  temporalPort: {
    name: 'LADEPULS_TEMPORAL_PORT',
    type: port,
    unset: '7233, or a free port where that is taken',
    about: 'The port of the local Temporal.',
  },
  uiPort: {
    name: 'LADEPULS_UI_PORT',
    type: port,
    unset: '8233, or a free port where that is taken',
    about: "The port of the local Temporal's Web UI.",
  },
  postgresPort: {
    name: 'LADEPULS_POSTGRES_PORT',
    type: port,
    unset: '5432, or a free port where that is taken',
    about: 'The port of the local Postgres.',
  },
});
