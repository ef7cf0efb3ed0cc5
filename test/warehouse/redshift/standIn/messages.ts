/**
 * A message of the Postgres protocol, version 3, which Redshift uses. It has a byte for the kind, a length that
 * includes itself, and a body. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export interface Message {
  /** First byte as a character; empty for the first message of a connection, which has no such byte. */
  kind: string;
  body: Buffer;
}

const LENGTH_BYTES = 4;

/** Splits a stream of bytes into messages. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);

  /** @param isFirstBare whether the first message has no byte for its kind, as sent by clients */
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

/** Return whether a message asks for TLS. The client then starts again with its first message. */
export function isSslRequest(message: Message | undefined): boolean {
  return message?.kind === '' && message.body.length === 4 && message.body.readInt32BE(0) === 80_877_103;
}

/** Return the bytes of a message. */
export function encode({ kind, body }: Message): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(body.length + LENGTH_BYTES);
  return Buffer.concat([Buffer.from(kind, 'latin1'), length, body]);
}

/** Return a message whose body is texts that each end with a zero byte. */
export function textMessage(kind: string, ...texts: string[]): Message {
  return { kind, body: Buffer.from(texts.map((text) => `${text}\0`).join('')) };
}

/** Return the text that begins at an offset and ends with a zero byte, and the offset after it. */
export function textAt(body: Buffer, offset: number): { text: string; next: number } {
  const end = body.indexOf(0, offset);
  return { text: body.toString('utf8', offset, end), next: end + 1 };
}
