import { test } from 'vitest';
import { createDatabase } from '../support/database.js';
import { temporalAddress } from '../support/temporal.js';
test('long', async () => { await createDatabase(); await temporalAddress(); await new Promise((r) => setTimeout(r, 25000)); });
