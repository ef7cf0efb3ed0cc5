import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_SECRET_BYTES, SecretFailure, secretsIn, textOf } from '../../../src/sources/auth/secret.js';

const NAME = 'EVSE';
const VALUE = 't0ken-4711';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-secret-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function newFile(content: string | Buffer): string {
  const path = join(newFolder(), 'secret');
  writeFileSync(path, content);
  return path;
}

const read = async (env: NodeJS.ProcessEnv) => textOf(await secretsIn(env)(NAME));
const readFile = (content: string | Buffer) => read({ LADEPULS_SECRET_EVSE_FILE: newFile(content) });

async function failure(reading: Promise<unknown>): Promise<SecretFailure> {
  const error: unknown = await reading.then(
    () => expect.fail('a secret was read'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SecretFailure);
  return error as SecretFailure;
}

describe('a secret', () => {
  it('is the value of its variable', async () => {
    expect(await read({ LADEPULS_SECRET_EVSE: VALUE })).toBe(VALUE);
  });

  it.each(['\n', '\r\n', '\n\n', ''])('is the content of its file, without %j at the end', async (end) => {
    expect(await readFile(`${VALUE}${end}`)).toBe(VALUE);
    expect(await readFile(`\u{feff}${VALUE}${end}`)).toBe(VALUE);
  });

  it('keeps blanks and characters of all scripts', async () => {
    expect(await readFile(' pass wörd 鍵 \n')).toBe(' pass wörd 鍵 ');
  });

  it('is read anew each time, as when a link leads to another file', async () => {
    const path = newFile('first\n');
    const secrets = secretsIn({ LADEPULS_SECRET_EVSE_FILE: path });
    expect(textOf(await secrets(NAME))).toBe('first');
    rmSync(path);
    expect((await failure(secrets(NAME))).reason).toBe('secret_missing');
    symlinkSync(newFile('second\n'), path);
    expect(textOf(await secrets(NAME))).toBe('second');
  });
});

describe('a secret is missing', () => {
  it.each([
    [{}, /neither LADEPULS_SECRET_EVSE nor LADEPULS_SECRET_EVSE_FILE is set/],
    [{ LADEPULS_SECRET_EVSE: '', LADEPULS_SECRET_EVSE_FILE: '' }, /neither/],
    [{ LADEPULS_SECRET_EVSE: '\n' }, /LADEPULS_SECRET_EVSE: the secret is empty/],
    [{ LADEPULS_SECRET_EVSE_FILE: '/no/such/file' }, /LADEPULS_SECRET_EVSE_FILE names does not exist/],
    [{ LADEPULS_SECRET_EVSE_FILE: '/' }, /names is no regular file/],
    [{ LADEPULS_SECRET_EVSE_FILE: '/dev/zero' }, /names is no regular file/],
  ])('%j', async (env, message) => {
    expect(await failure(read(env))).toMatchObject({
      reason: 'secret_missing',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['', '\r\n'])('if its file has only %j', async (content) => {
    expect((await failure(readFile(content))).message).toMatch(/empty/);
  });

  it('if its file is a pipe: nothing waits for the other end', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const failed = await failure(read({ LADEPULS_SECRET_EVSE_FILE: path }));
    expect(failed.message).toMatch(/no regular file/);
  });
});

describe('a secret can not be used', () => {
  it.each([
    [`${VALUE}\nsecond line`, /line break/],
    [`${VALUE}\r\nX-Other: header\n`, /line break/],
    [`${VALUE}\u{2028}${VALUE}`, /line break/],
    [`${VALUE}\0`, /control character.*UTF-8/],
    [`\t${VALUE}`, /control character/],
    [Buffer.from(`\u{feff}${VALUE}`, 'utf16le'), /control character/],
    [Buffer.from('pässwörd', 'latin1'), /no text in UTF-8/],
    ['x'.repeat(MAX_SECRET_BYTES + 1), /more than 256000 bytes/],
  ])('%j', async (content, message) => {
    const failed = await failure(readFile(content));
    expect(failed.reason).toBe('secret_invalid');
    expect(failed.message).toMatch(message);
    expect(failed.message).toMatch(/LADEPULS_SECRET_EVSE_FILE/);
    expect(failed.message).not.toMatch(/4711|xxx|ssw/);
  });

  it('if it is set twice', async () => {
    const env = { LADEPULS_SECRET_EVSE: VALUE, LADEPULS_SECRET_EVSE_FILE: newFile(VALUE) };
    expect((await failure(read(env))).message).toMatch(/are both set/);
  });
});
