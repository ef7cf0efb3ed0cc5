import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/settings/config.js';
import { VERSION } from '../../src/runtime/version.js';
import { workerOptions } from '../../src/app/workerOptions.js';
import { KUSTOMIZE, provideGoTool } from '../support/goTool.js';
import { kubernetesSchemas, schemaNamed } from '../support/schemaWheel.js';
import { refusedIn, settingsNamedIn } from '../support/settingNames.js';

interface Container {
  image: string;
  env?: { name: string; value?: string }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
}

interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: { terminationGracePeriodSeconds?: number; securityContext: object; containers: [Container] };
}

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  data?: Record<string, string>;
  /** Of a Deployment, a Job, a PodDisruptionBudget or a Service. */
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    template: PodTemplate;
    volumeClaimTemplates?: { metadata: { name: string } }[];
    persistentVolumeClaimRetentionPolicy?: object;
  };
}

const MANIFESTS = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));
const VERSION_LABEL = 'app.kubernetes.io/version';

let text: string;
let objects: KubernetesObject[];
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
/** All that runs, by its name and the pods that it makes. */
const pods = (...kinds: string[]) =>
  objects
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ metadata, spec }) => ({ name: metadata.name, template: spec?.template ?? expect.fail() }));

/** What polls a queue. */
const workers = () => pods('Deployment', 'StatefulSet').filter(({ name }) => !name.startsWith('api'));

beforeAll(async () => {
  const kustomize = await provideGoTool(KUSTOMIZE);
  text = (await promisify(execFile)(kustomize, ['build', MANIFESTS])).stdout;
  objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
});

describe('the manifests, put together', () => {
  it('are what there is to be', () => {
    const names = objects.map(
      ({ kind, metadata }) => `${kind} ${metadata.name.replace(/-\d+-\d+-\d+.*$/, '')}`,
    );
    expect(names.sort()).toEqual([
      'ConfigMap ladepuls',
      'Deployment api',
      'Deployment loader',
      'Job current-version',
      'Job schedules',
      'PodDisruptionBudget poller',
      'Service api',
      'Service poller',
      'StatefulSet poller',
    ]);
  });

  it('are objects of Kubernetes, as its schemas have them', { timeout: 120_000 }, async () => {
    const names = [...new Set(objects.map(schemaOf))];
    const schemas = await kubernetesSchemas(['_definitions.json', ...names]);
    const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
    ajv.addSchema(schemaNamed(schemas, '_definitions.json'), '_definitions.json');
    for (const name of names) {
      const validate = ajv.compile(schemaNamed(schemas, name));
      const ofOneKind = objects.filter((object) => schemaOf(object) === name);
      for (const object of ofOneKind) {
        validate(object);
        expect(validate.errors, object.metadata.name).toBeNull();
      }
      validate({ ...ofOneKind[0], specification: {} });
      expect(validate.errors).toMatchObject([{ params: { additionalProperty: 'specification' } }]);
    }
  });

  it('name only settings that there are, with values that they may have', () => {
    expect(settingsNamedIn(text).unknown).toEqual([]);
    const [settings] = ofKind('ConfigMap');
    expect(refusedIn(settings?.data ?? {})).toEqual([]);
    expect(readConfig({ ...settings?.data })).toMatchObject({ stores: { raw: settings?.data?.RAW_STORE } });
    const queues = workers().map(({ template }) => {
      const value = template.spec.containers[0].env?.find(({ name }) => name === 'LADEPULS_QUEUES')?.value;
      return readConfig({ LADEPULS_QUEUES: value }).worker.queues;
    });
    expect(queues.flat().sort()).toEqual([...readConfig({}).worker.queues].sort());
  });

  it('are of this version, in names, labels, selectors and images', () => {
    for (const { kind, metadata, spec } of objects) {
      expect(metadata.name, kind).toContain(`-${VERSION.replaceAll('.', '-')}`);
      expect(metadata.labels[VERSION_LABEL], kind).toBe(VERSION);
      // A Service's selector is its labels.
      const labels = spec?.selector?.matchLabels ?? (spec?.selector as Record<string, string> | undefined);
      if (labels) expect(labels[VERSION_LABEL], kind).toBe(VERSION);
    }
    for (const { name, template } of pods('Deployment', 'StatefulSet', 'Job')) {
      expect(template.metadata.labels[VERSION_LABEL], name).toBe(VERSION);
      const [{ image }] = template.spec.containers;
      expect(image).toMatch(image.startsWith('ladepuls') ? `ladepuls:${VERSION}` : /:\d+\.\d+\.\d+$/);
    }
    // LADEPULS_BUILD_ID is made of the label.
    expect(readConfig({ LADEPULS_BUILD_ID: VERSION }).worker.buildId).toBe(VERSION);
  });

  it('run as an ordinary user who can write nowhere but to scratch folders', () => {
    for (const { name, template } of pods('Deployment', 'StatefulSet', 'Job')) {
      const { securityContext, containers } = template.spec;
      expect(securityContext, name).toMatchObject({ runAsNonRoot: true });
      expect(containers[0].securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('keep the spool of a poller on a volume that outlives its pods, and the StatefulSet', () => {
    const [poller] = ofKind('StatefulSet');
    const { home } = readConfig({ LADEPULS_HOME: '/var/lib/ladepuls' }).general;
    const mounted = poller?.spec?.template.spec.containers[0].volumeMounts.find(
      ({ mountPath }) => mountPath === home,
    );
    const claims = poller?.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata.name);
    expect(claims).toEqual([mounted?.name]);
    expect(poller?.spec?.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    });
  });

  it('give a worker the time that it takes to stop, and ask it where it answers', () => {
    const port = /LADEPULS_HEALTH_PORT=(\d+)/.exec(
      readFileSync(`${MANIFESTS}/../../Dockerfile`, 'utf8'),
    )?.[1];
    const force = Number.parseInt(workerOptions('load', readConfig({})).shutdownForceTime, 10);
    for (const { template } of workers()) {
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(force);
      const { ports, env = [] } = template.spec.containers[0];
      // Probes come from outside of the pod.
      const host = env.find(({ name }) => name === 'LADEPULS_HEALTH_HOST')?.value;
      expect(readConfig({ LADEPULS_HEALTH_HOST: host }).worker.healthHost).toBe('0.0.0.0');
      expect(ports).toEqual([{ name: 'health', containerPort: Number(port) }]);
    }
  });
});

/** `apps/v1` and `Deployment` make `deployment-apps-v1.json`. */
function schemaOf({ apiVersion, kind }: KubernetesObject): string {
  return `${[kind.toLowerCase(), ...apiVersion.split('/')].join('-')}.json`;
}
