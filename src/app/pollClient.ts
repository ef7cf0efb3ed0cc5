import type { Config } from '../settings/config.js';
import { secretsIn } from '../sources/auth/secret.js';
import { type AnswerClient, createAnswerClient } from '../sources/answer.js';
import { userAgent } from '../runtime/version.js';

/**
 * Create the HTTP client that polls feeds, from the settings. The caller closes it.
 *
 * @param env holds the feeds' secrets, or names their files
 */
export function openPollClient({ polling }: Pick<Config, 'polling'>, env: NodeJS.ProcessEnv): AnswerClient {
  return createAnswerClient({
    userAgent: userAgent(polling.contact),
    connectTimeoutMs: polling.connectTimeoutMs,
    totalTimeoutMs: polling.timeoutMs,
    maxBodyBytes: polling.maxBodyBytes,
    maxEncodedBytes: polling.maxEncodedBytes,
    maxSocketsPerHost: polling.requestsPerHost,
    readSecret: secretsIn(env),
  });
}
