import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** How long S3 is waited for. */
export interface S3Patience {
  connectMs: number;
  /** A connection on which nothing moves for so long is given up, also in the middle of a body. */
  idleMs: number;
  /** From a request's first byte until its response begins. */
  responseMs: number;
  /** Requests for one thing, at most. */
  attempts: number;
}

/** For those who can do without S3: what it does not do within seconds is done otherwise. */
export const HASTY: S3Patience = { connectMs: 3_000, idleMs: 8_000, responseMs: 8_000, attempts: 2 };

const PATIENT: S3Patience = { connectMs: 5_000, idleMs: 30_000, responseMs: 300_000, attempts: 5 };

/** What a server of one's own is told where the environment names no region: such servers don't care. */
const ENDPOINT_REGION = 'us-east-1';

/**
 * Makes a client whose endpoint, region and keys are those of `env`; what is not there comes from the AWS
 * SDK's own chain (profiles, instance roles …). With an endpoint, buckets are part of the path.
 */
export function createS3Client(env: NodeJS.ProcessEnv, patience: S3Patience = PATIENT): S3Client {
  return new S3Client({
    ...endpointConfig(env),
    ...credentialsConfig(env),
    maxAttempts: patience.attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.idleMs,
      requestTimeout: patience.responseMs,
      throwOnRequestTimeout: true,
    },
  });
}

function endpointConfig(env: NodeJS.ProcessEnv): S3ClientConfig {
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  if (!endpoint) return region ? { region } : {};
  return { endpoint, forcePathStyle: true, region: region ?? ENDPOINT_REGION };
}

/** A named profile comes before keys in the environment, as with the SDK itself. */
function credentialsConfig(env: NodeJS.ProcessEnv): S3ClientConfig {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey || env.AWS_PROFILE) return {};
  const sessionToken = env.AWS_SESSION_TOKEN;
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}
