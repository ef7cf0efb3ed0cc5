import { S3Client, type S3ClientConfig, type S3ServiceException } from '@aws-sdk/client-s3';
import { httpStatus } from './s3Errors.js';

/** Time limits for S3. */
export interface S3Patience {
  connectMs: number;
  /** A connection without any traffic for this long is closed, also in the middle of a body. */
  idleMs: number;
  /** Limit from a request's first byte until its response begins. */
  responseMs: number;
  /** Maximum number of requests for one operation. */
  attempts: number;
}

/** For callers that have an alternative when S3 does not respond within seconds. */
export const HASTY: S3Patience = { connectMs: 3_000, idleMs: 8_000, responseMs: 8_000, attempts: 2 };

const PATIENT: S3Patience = { connectMs: 5_000, idleMs: 30_000, responseMs: 300_000, attempts: 5 };

/** Region for a custom endpoint when the environment names no region. Such servers ignore the region. */
const ENDPOINT_REGION = 'us-east-1';

/**
 * Create a client with the endpoint, region and keys of `env`. Values that are missing come from the AWS SDK's default
 * chain (profiles, instance roles …). With an endpoint, the bucket is part of the path instead of the host name.
 */
export function createS3Client(env: NodeJS.ProcessEnv, patience: S3Patience = PATIENT): S3Client {
  const client = new S3Client({
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
  retryConflicts(client);
  return client;
}

/**
 * Let the SDK retry a PutObject that S3 refuses with status 409, because another write of the key is in progress. S3
 * asks for the retry, but the SDK does not retry this status by itself.
 */
function retryConflicts(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const isConflict = commandName === 'PutObjectCommand' && httpStatus(error) === 409;
          throw isConflict ? Object.assign(error as S3ServiceException, { $retryable: {} }) : error;
        }
      },
    { step: 'deserialize', priority: 'high' },
  );
}

function endpointConfig(env: NodeJS.ProcessEnv): S3ClientConfig {
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  if (!endpoint) return region ? { region } : {};
  return { endpoint, forcePathStyle: true, region: region ?? ENDPOINT_REGION };
}

/** A named profile has precedence over keys in the environment, as in the SDK itself. */
function credentialsConfig(env: NodeJS.ProcessEnv): S3ClientConfig {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey || env.AWS_PROFILE) return {};
  const sessionToken = env.AWS_SESSION_TOKEN;
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}
