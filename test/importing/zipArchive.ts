import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  bytes: Buffer;
  /** Checksum that the zip claims for the bytes. Default: the correct checksum. */
  checksum?: number;
  /** Bit 0 says that the entry is encrypted. */
  flags?: number;
}

const UTF8_NAMES = 0x800;
const DEFLATED = 8;

/** Build a zip of exactly these entries, in this order, including zips that no program would write. */
export function zipArchive(entries: ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = deflateRawSync(entry.bytes);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(UTF8_NAMES | (entry.flags ?? 0), 2);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt32LE(entry.checksum ?? crc32(entry.bytes), 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt32LE(entry.bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    locals.push(Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, name, data]));
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), facts, place, name]));
    offset += 30 + name.length + data.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, listing, Buffer.from('PK\u0005\u0006'), end]);
}
