/**
 * The little of tar (POSIX ustar) that sealed objects are made of: plain files, owned by nobody in particular and of
 * no particular time, so that the same content gives the same archive.
 */

/** Headers stand in blocks, and contents are padded to blocks. */
export const BLOCK_BYTES = 512;

const NAME_BYTES = 100;
const PREFIX_OFFSET = 345;
const PREFIX_BYTES = 155;
const SIZE_OFFSET = 124;
const CHECKSUM_OFFSET = 148;
const CHECKSUM_BYTES = 8;
const TYPE_OFFSET = 156;
const MAGIC_OFFSET = 257;
const MAGIC = 'ustar\u000000';
const PLAIN_FILE = '0';
/** Eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1;

/** A file of an archive. */
export interface TarEntry {
  name: string;
  /** Bytes. */
  size: number;
}

/** Bytes of zeros between the end of a content and the next block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** What stands at the end of an archive. */
export function endOfArchive(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

/** The header of a file. Names are ASCII, of at most 100 characters behind some slash. Throws a RangeError on others. */
export function encodeHeader({ name, size }: TarEntry): Buffer {
  if (size > MAX_SIZE) throw new RangeError(`${name} is too large for an archive: ${size} bytes`);
  const [prefix, rest] = splitName(name);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(rest, 0, 'latin1');
  header.write('0000644\u00000000000\u00000000000\u0000', 100, 'latin1'); // mode, user, group
  header.write(size.toString(8).padStart(11, '0'), SIZE_OFFSET, 'latin1');
  header.write('00000000000', 136, 'latin1'); // time of modification
  header.write(PLAIN_FILE, TYPE_OFFSET, 'latin1');
  header.write(MAGIC, MAGIC_OFFSET, 'latin1');
  header.write(prefix, PREFIX_OFFSET, 'latin1');
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\u0000 `, CHECKSUM_OFFSET, 'latin1');
  return header;
}

/** Reads a header that {@link encodeHeader} wrote; null for the end of the archive. Throws a RangeError on any other. */
export function decodeHeader(header: Buffer): TarEntry | null {
  if (header.every((byte) => byte === 0)) return null;
  const isOurs =
    text(header, MAGIC_OFFSET, MAGIC.length) === MAGIC.slice(0, 5) &&
    parseInt(text(header, CHECKSUM_OFFSET, CHECKSUM_BYTES), 8) === checksum(header);
  if (!isOurs) throw new RangeError('a header of the archive is not what it was');
  const prefix = text(header, PREFIX_OFFSET, PREFIX_BYTES);
  const name = text(header, 0, NAME_BYTES);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: parseInt(text(header, SIZE_OFFSET, 12), 8),
  };
}

/** The part before some slash, and the part behind it. */
function splitName(name: string): [string, string] {
  if (name.length <= NAME_BYTES) return ['', name];
  const slash = name.indexOf('/', name.length - NAME_BYTES - 1);
  if (slash < 0 || slash > PREFIX_BYTES) throw new RangeError(`${name} is too long a name for an archive`);
  return [name.slice(0, slash), name.slice(slash + 1)];
}

/** The sum of the header's bytes, its own field counted as blanks. */
function checksum(header: Buffer): number {
  const field = header.subarray(CHECKSUM_OFFSET, CHECKSUM_OFFSET + CHECKSUM_BYTES);
  return sumOf(header) - sumOf(field) + CHECKSUM_BYTES * 0x20;
}

function sumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => sum + byte, 0);
}

/** The text of a field, up to its first NUL. */
function text(header: Buffer, offset: number, length: number): string {
  const field = header.toString('latin1', offset, offset + length);
  const end = field.indexOf('\u0000');
  return end < 0 ? field : field.slice(0, end);
}
