/**
 * Messages of the Postgres protocol, version 3, which Redshift speaks: a byte that tells the kind, a length that counts
 * itself, a body. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export interface Message {
  /** Its first byte as a character; "" for the first message of a connection, which has none. */
  kind: string;
  body: Buffer;
}

const LENGTH_BYTES = 4;

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);

  /** @param isFirstBare whether the first message has no byte for its kind, as clients send it */
  constructor(private isFirstBare: boolean) {}

  read(bytes: Buffer): Message[] {
    this.pending = Buffer.concat([this.pending, bytes]);
    const messages: Message[] = [];
    for (;;) {
      const kindBytes = this.isFirstBare ? 0 : 1;
      if (this.pending.length < kindBytes + LENGTH_BYTES) return messages;
      const end = kindBytes + this.pending.readInt32BE(kindBytes);
      if (this.pending.length < end) return messages;
      messages.push({
        kind: this.pending.toString('latin1', 0, kindBytes),
        body: this.pending.subarray(kindBytes + LENGTH_BYTES, end),
      });
      this.pending = this.pending.subarray(end);
      this.isFirstBare &&= isSslRequest(messages.at(-1));
    }
  }
}

/** A client may ask for TLS first, and then begins anew. */
export function isSslRequest(message: Message | undefined): boolean {
  return message?.kind === '' && message.body.length === 4 && message.body.readInt32BE(0) === 80_877_103;
}

/** The bytes of a message. */
export function encode({ kind, body }: Message): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(body.length + LENGTH_BYTES);
  return Buffer.concat([Buffer.from(kind, 'latin1'), length, body]);
}

/** A message of texts that end in a zero byte. */
export function textMessage(kind: string, ...texts: string[]): Message {
  return { kind, body: Buffer.from(texts.map((text) => `${text}\0`).join('')) };
}

/** The text that begins at an offset and ends in a zero byte, and where the next thing begins. */
export function textAt(body: Buffer, offset: number): { text: string; next: number } {
  const end = body.indexOf(0, offset);
  return { text: body.toString('utf8', offset, end), next: end + 1 };
}
