import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/settings/config.js';
import { workerOptions } from '../../src/app/workerOptions.js';

describe('slots', () => {
  const loadSlots = (env: NodeJS.ProcessEnv) =>
    workerOptions('load', readConfig(env)).tuner.activityTaskSlotSupplier;

  it('of loads are two a thread, and more while the machine has room', () => {
    expect(loadSlots({})).toMatchObject({
      type: 'resource-based',
      minimumSlots: 4,
      maximumSlots: 4,
      tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 2 },
    });
    const large = { LADEPULS_LOAD_SLOTS: '32', LADEPULS_THREADS: '8' };
    expect(loadSlots({ ...large, LADEPULS_MEMORY_TARGET: '70%', LADEPULS_CPU_TARGET: '90%' })).toMatchObject({
      minimumSlots: 16,
      maximumSlots: 32,
      tunerOptions: { targetMemoryUsage: 0.7, targetCpuUsage: 0.9 },
    });
  });

  it('of loads are never more than the settings say', () => {
    expect(loadSlots({ LADEPULS_LOAD_SLOTS: '3', LADEPULS_THREADS: '8' })).toMatchObject({
      minimumSlots: 3,
      maximumSlots: 3,
    });
  });

  it('of polls are always there', () => {
    const { tuner } = workerOptions('acquire', readConfig({ LADEPULS_MEMORY_TARGET: '1%' }));
    expect(tuner.activityTaskSlotSupplier).toEqual({ type: 'fixed-size', numSlots: 24 });
  });
});
