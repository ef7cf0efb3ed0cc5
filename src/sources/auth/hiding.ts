/** Shortest text that is hidden in messages. */
const SHORTEST_IN_MESSAGES = 4;
/** Shortest text that is hidden in answers, if it has letters and digits. Shorter texts may be data by chance. */
const SHORTEST_IN_ANSWERS = 8;
/** From this length on, a text is hidden in answers whatever its characters are. */
const SURELY_NO_DATA = 20;

const HIDDEN = '…';
const ASTERISK = 0x2a;

/** Removes secrets from what others say: errors of libraries, and answers of feeds that repeat the request. */
export class Hiding {
  private readonly inMessages: string[];
  private readonly inAnswers: Buffer[];

  /** @param secrets the texts that a request sends, or that open a certificate */
  constructor(secrets: readonly string[]) {
    const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
    this.inMessages = forms.filter(({ length }) => length >= SHORTEST_IN_MESSAGES);
    this.inAnswers = forms.filter(isNoDataByChance).map((form) => Buffer.from(form));
  }

  /** Return a message in which each secret is replaced by `…`. */
  message(text: string): string {
    return this.inMessages.reduce((hidden, form) => hidden.replaceAll(form, HIDDEN), text);
  }

  /**
   * Return an answer in which each byte of a secret is replaced by `*`. All other bytes, and the length, stay. Texts
   * that may be data by chance stay too: those with less than 8 characters, and those of letters or digits alone. An
   * answer without secrets is returned itself.
   */
  answer(body: Buffer): Buffer {
    let hidden = body;
    for (const form of this.inAnswers) {
      for (let at = hidden.indexOf(form); at >= 0; at = hidden.indexOf(form, at + form.length)) {
        if (hidden === body) hidden = Buffer.from(body);
        hidden.fill(ASTERISK, at, at + form.length);
      }
    }
    return hidden;
  }

  /** Return the value of a header with secrets replaced as in {@link answer}. */
  header(value: string): string {
    return this.answer(Buffer.from(value, 'latin1')).toString('latin1');
  }

  /** Return whether a text, such as an address, contains a secret. */
  isIn(text: string): boolean {
    return this.inMessages.some((form) => text.includes(form));
  }
}

/** The spellings in which a server or a library repeats a text. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64');
  return [
    secret,
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    encodeURIComponent(secret),
    encodeURIComponent(base64),
    new URLSearchParams([['', secret]]).toString().slice(1),
    inJson,
    inJson.replaceAll('/', String.raw`\/`),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ];
}

function isNoDataByChance(form: string): boolean {
  if (form.length >= SURELY_NO_DATA) return true;
  return form.length >= SHORTEST_IN_ANSWERS && /\p{L}/u.test(form) && /\d/.test(form);
}
