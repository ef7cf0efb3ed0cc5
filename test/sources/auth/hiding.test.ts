import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hiding } from '../../../src/sources/auth/hiding.js';

const SECRET = 'geh"eim/4711&so+weiter';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a message', () => {
  it('has no secret, however it is spelled', () => {
    const spelled = [
      SECRET,
      base64(SECRET),
      base64(SECRET).replace(/=+$/, ''),
      encodeURIComponent(SECRET),
      encodeURIComponent(base64(SECRET)),
      new URLSearchParams({ a: SECRET }).toString(),
      JSON.stringify(SECRET),
      JSON.stringify(SECRET).replaceAll('/', '\\/'),
    ];
    const hidden = new Hiding([SECRET]).message(spelled.join(' | '));
    expect(hidden).not.toMatch(/eim|4711|weiter|Z2Vo/);
    expect(hidden.split(' | ')).toHaveLength(spelled.length);
  });

  it('never has a secret of four characters or more', () => {
    const text = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 12 }), text, text, (secret, before, after) => {
        // The sign in place of the secret may, with its surroundings, form the secret anew; not this test's matter.
        fc.pre(!secret.includes('…'));
        const hidden = new Hiding([secret]).message(`${before} ${secret} ${after}`);
        expect(hidden.includes(` ${secret} `)).toBe(false);
      }),
    );
  });
});

describe('an answer', () => {
  const hiding = new Hiding(['t0ken-4711', 'Stuttgart', '12345678', 'short1']);

  it('has asterisks for a secret, and is of the same length', () => {
    const body = Buffer.from(
      `{"self":"/locations?key=t0ken-4711","auth":"Token ${base64('t0ken-4711')}","a":[1]}`,
    );
    const hidden = hiding.answer(body);
    expect(hidden).toHaveLength(body.length);
    expect(hidden.toString()).toBe(
      `{"self":"/locations?key=${'*'.repeat(10)}","auth":"Token ${'*'.repeat(16)}","a":[1]}`,
    );
    expect(body.toString()).toContain('t0ken-4711');
  });

  it('keeps what may be data by chance: words, numbers, and short texts', () => {
    const body = Buffer.from('{"city":"Stuttgart","id":12345678,"name":"short1"}');
    expect(hiding.answer(body)).toBe(body);
  });

  it('without a secret is the same object', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const body = Buffer.from(bytes);
        fc.pre(!body.includes('t0ken-4711'));
        expect(hiding.answer(body)).toBe(body);
      }),
    );
  });

  it('is changed where a secret is, and nowhere else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (before, after) => {
        const body = Buffer.concat([before, Buffer.from('t0ken-4711'), after]);
        const wanted = Buffer.concat([before, Buffer.from('*'.repeat(10)), after]);
        expect(hiding.answer(body).equals(wanted)).toBe(true);
      }),
    );
  });
});
