import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/settings/config.js';
import { composeSchema } from '../support/schemaWheel.js';
import { ALL_SETTINGS } from '../../src/settings/settings.js';
import { refusedIn, settingsNamedIn } from '../support/settingNames.js';

interface Service {
  image: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  configs?: { source: string }[];
  volumes?: string[];
  healthcheck?: { disable?: boolean };
  stop_grace_period?: string;
  logging?: { driver: string; options: Record<string, string> };
  ports?: string[];
}

interface Compose {
  services: Record<string, Service>;
  configs: object;
  volumes: object;
}

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);

describe.each(['docker-compose.yml', 'Dockerfile'])('%s', (file) => {
  test('names only settings that there are', () => {
    const { named, unknown } = settingsNamedIn(read(file));
    expect(named.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });

  test('pins every image by a tag', () => {
    const images =
      file === 'Dockerfile'
        ? [...read(file).matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? '')
        : services.map(([, { image }]) => image);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((image) => !/:v?\d+\.\d+/.test(image))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it('gives settings only values that they may have', () => {
    for (const [name, { environment = {} }] of services) expect(refusedIn(environment), name).toEqual([]);
    expect(refusedIn({ LADEPULS_QUEUES: '${QUEUES:-polls}' })).toEqual([
      expect.stringMatching(/^LADEPULS_QUEUES is "polls", but it must be acquire, load, current/),
    ]);
  });

  it("passes on every setting of the README's table, but for those that a container has of its own", () => {
    const { environment } = compose.services.loader ?? {};
    const common = ALL_SETTINGS.filter(({ isCommon }) => isCommon).map(({ name }) => name);
    expect(common.filter((name) => !(name in (environment ?? {})))).toEqual([
      'LADEPULS_HOME',
      'LADEPULS_API_PORT',
    ]);
  });

  it('is a Compose file, as its specification has it', async () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(await composeSchema());
    validate(compose);
    expect(validate.errors).toBeNull();
    validate({ ...compose, services: { worker: { image: 'a', replicas: 2 } } });
    expect(validate.errors).toMatchObject([{ params: { unevaluatedProperty: 'replicas' } }]);
  });

  it('refers to services, configs and volumes that it has, each of them used', () => {
    const dependencies = services.flatMap(([, { depends_on }]) => Object.keys(depends_on ?? {}));
    expect(dependencies.filter((name) => !(name in compose.services))).toEqual([]);
    const configs = services.flatMap(([, service]) => service.configs ?? []).map(({ source }) => source);
    expect(configs).toEqual(Object.keys(compose.configs));
    const volumes = services.flatMap(([, service]) => service.volumes ?? []);
    expect(volumes.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('waits for health only where a service tells of it, and for the end only of what ends', () => {
    const conditions = services.flatMap(([, { depends_on }]) => Object.entries(depends_on ?? {}));
    // The image of the workers has a check of its own.
    const isChecked = (name: string) =>
      compose.services[name]?.healthcheck?.disable !== true &&
      (compose.services[name]?.healthcheck !== undefined || ['poller', 'loader'].includes(name));
    for (const [name, { condition }] of conditions) {
      const ends = (compose.services[name] as { restart?: string }).restart === 'on-failure:5';
      expect(condition, name).toBe(ends ? 'service_completed_successfully' : 'service_healthy');
      if (!ends) expect(isChecked(name), name).toBe(true);
    }
  });

  it('bounds the logs of every service, and opens ports to this machine only', () => {
    for (const [name, { logging, ports = [] }] of services) {
      const options = { 'max-size': '10m', 'max-file': '5' };
      expect(logging, name).toEqual({ driver: 'local', options });
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
    // The API itself can't know that: it listens on all addresses of its container.
    expect(compose.services.api?.environment?.LADEPULS_API_NAMES).toBe('${LADEPULS_API_NAMES:-localhost}');
  });

  it('has pollers, loaders and whoever applies the schedules under the same settings, but for their queues', () => {
    const { poller, loader, schedules } = compose.services;
    expect(schedules?.environment).toMatchObject({ RAW_STORE: expect.stringMatching(/^s3:/) as string });
    expect(poller?.environment).toEqual({ ...schedules?.environment, LADEPULS_QUEUES: 'acquire' });
    expect(loader?.environment).toEqual({ ...schedules?.environment, LADEPULS_QUEUES: 'load,current' });
    const queues = [poller, loader].flatMap((service) => {
      const { LADEPULS_QUEUES } = service?.environment ?? {};
      return readConfig({ LADEPULS_QUEUES }).worker.queues;
    });
    expect(queues).toEqual(readConfig({}).worker.queues);
  });
});
