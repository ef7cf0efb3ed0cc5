/** The beginning of the environment variables that hold secrets of feeds. */
export const SECRET_PREFIX = 'LADEPULS_SECRET_';
/** The end of a variable that names the file of a secret. No secret's name ends so. */
export const FILE_SUFFIX = '_FILE';

/** The form of a secret's NAME in `LADEPULS_SECRET_<NAME>`. */
export const SECRET_NAME = /^(?!.*_FILE$)[A-Z][A-Z0-9_]{0,63}$/;

/** Return whether an environment variable holds a secret of a feed, or names its file. */
export function isSecretVariable(variable: string): boolean {
  return variable.startsWith(SECRET_PREFIX);
}

/** Return the NAME in a variable `LADEPULS_SECRET_<NAME>` or `LADEPULS_SECRET_<NAME>_FILE`; null in any other form. */
export function secretNameOf(variable: string): string | null {
  if (!isSecretVariable(variable)) return null;
  const rest = variable.slice(SECRET_PREFIX.length);
  const name = rest.endsWith(FILE_SUFFIX) ? rest.slice(0, -FILE_SUFFIX.length) : rest;
  return SECRET_NAME.test(name) ? name : null;
}

/** Copy an environment without the secrets of feeds, for processes that send no requests to feeds. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecretVariable(name)));
}
