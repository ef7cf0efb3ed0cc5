/** Reads a stream of bytes piece by piece, of the lengths that are asked for. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** The next bytes. Throws a RangeError where the stream ends before. */
  async read(length: number): Promise<Buffer> {
    await this.hold(length);
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const chunk = this.held.shift() as Buffer;
      pieces.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.held.unshift(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.length);
    }
    this.heldBytes -= length;
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length);
  }

  /** Passes over bytes. Throws a RangeError where the stream ends before. */
  async skip(length: number): Promise<void> {
    let missing = length;
    while (missing > this.heldBytes) {
      missing -= this.heldBytes;
      this.held = [];
      this.heldBytes = 0;
      await this.hold(1);
    }
    await this.read(missing);
  }

  private async hold(length: number): Promise<void> {
    while (this.heldBytes < length) {
      const next = await this.chunks.next();
      if (next.done === true) throw new RangeError('it ends before its end');
      this.held.push(next.value);
      this.heldBytes += next.value.length;
    }
  }
}
