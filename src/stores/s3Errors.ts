import { S3ServiceException } from '@aws-sdk/client-s3';

const HINTS: Record<string, string> = {
  NoSuchBucket: 'Create the bucket, or give another bucket in the address of the store',
  AccessDenied:
    'Allow these credentials to list, read, write and delete objects below the prefix of the store',
  InvalidAccessKeyId: 'Check that AWS_ACCESS_KEY_ID belongs to this endpoint',
  SignatureDoesNotMatch: 'Check AWS_SECRET_ACCESS_KEY',
  CredentialsProviderError: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or an AWS profile or role',
  TimeoutError: 'Check that the endpoint (AWS_ENDPOINT_URL_S3) can be reached from this machine',
  ECONNREFUSED: 'Check that a server listens on the endpoint (AWS_ENDPOINT_URL_S3)',
  ENOTFOUND: 'Check the name of the endpoint (AWS_ENDPOINT_URL_S3) or of the region (AWS_REGION)',
};

/** Return the HTTP status of S3's response; undefined when the error is not a response of S3. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** Return whether S3 says that an object does not exist. A missing bucket is a different error. */
export function isNoSuchKey(error: unknown): boolean {
  return httpStatus(error) === 404 && error instanceof Error && error.name !== 'NoSuchBucket';
}

/** Return an error for users: the failed action and store, the message of S3 or the SDK, and what to do. */
export function explainS3Error(url: string, action: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`${url}: can't ${action}: ${String(error)}`);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const hint = error.message.startsWith('Region is missing')
    ? 'Set AWS_REGION'
    : (HINTS[error.name] ?? HINTS[code]);
  const message = hint ? error.message.replace(/\.$/, '') : error.message;
  const said = message.includes(code) ? message : `${code}: ${message}`;
  return new Error(`${url}: can't ${action}: ${said}${hint ? `. ${hint}` : ''}`, { cause: error });
}
