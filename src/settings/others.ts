/** Environment variables that libraries read by themselves. Ladepuls passes them on and does not check them. */
export interface OtherVariables {
  names: readonly [string, ...string[]];
  about: string;
  /** What applies if none of the variables is set. */
  unset: string;
  isCommon?: boolean;
}

export const OTHER_VARIABLES: readonly OtherVariables[] = [
  {
    names: ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY'],
    about:
      "The Temporal server and the login there; Temporal's SDK reads these and its other TEMPORAL_ variables.",
    unset: 'a local Temporal',
    isCommon: true,
  },
  {
    names: ['TEMPORAL_CLI'],
    about: "The path of Temporal's command line, which contains the local Temporal.",
    unset: '"temporal" on the PATH, or else a downloaded one',
  },
  {
    names: ['AWS_ENDPOINT_URL_S3', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    about: 'The S3 server and the login there; the AWS SDK reads these and its other AWS_ variables.',
    unset: 'S3 of AWS, with credentials as the AWS SDK finds them',
    isCommon: true,
  },
];

/** Whether a library that Ladepuls uses may read an environment variable. */
export function isOtherVariable(name: string): boolean {
  return /^(TEMPORAL|AWS)_/.test(name);
}
