import {
  type AnswerClient,
  type AnswerClientOptions,
  createAnswerClient,
} from '../../../src/sources/answer.js';

/**
 * Create a client with limits that suit tests: short waits, and bodies of at most 1 MB. The caller closes it.
 *
 * @param other options that replace the defaults; `now` is the clock, in milliseconds since the epoch
 */
export function openAnswerClient(
  other: Partial<AnswerClientOptions> & Required<Pick<AnswerClientOptions, 'now'>>,
): AnswerClient {
  return createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 2_000,
    totalTimeoutMs: 20_000,
    maxBodyBytes: 1_000_000,
    maxEncodedBytes: 500_000,
    maxSocketsPerHost: 4,
    ...other,
  });
}
