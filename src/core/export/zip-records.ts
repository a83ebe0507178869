/** What the records of a ZIP say of one stored file. */
export interface ZipEntry {
  /** Relative, parts apart by "/". */
  readonly path: string;
  readonly bytes: number;
  readonly crc32: number;
  /** Where its local header begins in the ZIP. */
  readonly offset: number;
  /** When it was made, in seconds since 1970. */
  readonly modified: number;
  /** Whether its CRC follows its bytes in a descriptor, since the header was written before they were read. */
  readonly isStreamed: boolean;
}

const LARGEST_U16 = 0xffff;
const LARGEST_U32 = 0xffffffff;
/** Versions of the format that a reader needs: for stored files, and for Zip64. */
const PLAIN = 20;
const ZIP64 = 45;
const MADE_ON_UNIX = 3 << 8;
const REGULAR_FILE = (0o100644 << 16) >>> 0;
const IS_UTF8 = 1 << 11;
const HAS_DESCRIPTOR = 1 << 3;
const ZIP64_EXTRA = 1;
const TIME_EXTRA = 0x5455;
const HAS_MODIFIED = 1;

const needsZip64 = (size: number): boolean => size >= LARGEST_U32;

/** Little-endian numbers one after another. */
class RecordBytes {
  readonly #bytes: number[] = [];

  u16(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value & 255, (value >>> 8) & 255);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.u16(value & LARGEST_U16, value >>> 16);
    return this;
  }

  /** Whole numbers up to 2^53. */
  u64(...values: readonly number[]): this {
    for (const value of values) this.u32((value % 2 ** 32) >>> 0, Math.floor(value / 2 ** 32));
    return this;
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.#bytes.push(value);
    return this;
  }

  done(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }
}

/** Date and time of day (UTC) as FAT keeps them: in steps of two seconds, from 1980 to 2107. */
function fatTime(seconds: number): { readonly time: number; readonly date: number } {
  const within = Math.min(Math.max(Math.floor(seconds), Date.UTC(1980, 0) / 1e3), Date.UTC(2107, 11, 31) / 1e3);
  const day = within % 86_400;
  const time = (Math.floor(day / 3600) << 11) | (Math.floor((day % 3600) / 60) << 5) | ((day % 60) >> 1);
  // Days since 1 March of year 0, in eras of 400 years (Hinnant, "chrono-compatible low-level date algorithms").
  const days = Math.floor(within / 86_400) + 719_468;
  const inEra = days % 146_097;
  const yearInEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * yearInEra + Math.floor(yearInEra / 4) - Math.floor(yearInEra / 100));
  const monthFromMarch = Math.floor((5 * inYear + 2) / 153);
  const dayOfMonth = inYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = Math.floor(days / 146_097) * 400 + yearInEra + (month <= 2 ? 1 : 0);
  return { time, date: ((year - 1980) << 9) | (month << 5) | dayOfMonth };
}

/** The exact time, which FAT's is rounded from. */
const timeExtra = (modified: number) =>
  new RecordBytes()
    .u16(TIME_EXTRA, 5)
    .bytes([HAS_MODIFIED])
    .u32(Math.floor(modified) >>> 0)
    .done();

const flagsOf = ({ isStreamed }: ZipEntry): number => IS_UTF8 | (isStreamed ? HAS_DESCRIPTOR : 0);

/** What stands before a file's bytes. A streamed file has its size told, of which only the width is used. O(path). */
export function localHeader(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { path, bytes, crc32, modified, isStreamed } = entry;
  const name = new TextEncoder().encode(path);
  const { time, date } = fatTime(modified);
  const isLarge = needsZip64(bytes);
  const size = isStreamed ? 0 : bytes;
  const extra = new RecordBytes();
  if (isLarge) extra.u16(ZIP64_EXTRA, 16).u64(size, size);
  const extras = extra.bytes(timeExtra(modified)).done();
  return new RecordBytes()
    .u32(0x04034b50)
    .u16(isLarge ? ZIP64 : PLAIN, flagsOf(entry), 0, time, date)
    .u32(isStreamed ? 0 : crc32, isLarge ? LARGEST_U32 : size, isLarge ? LARGEST_U32 : size)
    .u16(name.length, extras.length)
    .bytes(name)
    .bytes(extras)
    .done();
}

/** What stands behind a streamed file's bytes. O(1). */
export function dataDescriptor({ bytes, crc32 }: ZipEntry): Uint8Array<ArrayBuffer> {
  const record = new RecordBytes().u32(0x08074b50, crc32);
  return (needsZip64(bytes) ? record.u64(bytes, bytes) : record.u32(bytes, bytes)).done();
}

/** A file's line in the directory at the end. O(path). */
export function directoryHeader(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { path, bytes, crc32, offset, modified } = entry;
  const name = new TextEncoder().encode(path);
  const { time, date } = fatTime(modified);
  const [isLarge, isFar] = [needsZip64(bytes), needsZip64(offset)];
  const wide = [...(isLarge ? [bytes, bytes] : []), ...(isFar ? [offset] : [])];
  const extra = new RecordBytes();
  if (wide.length > 0) extra.u16(ZIP64_EXTRA, 8 * wide.length).u64(...wide);
  const extras = extra.bytes(timeExtra(modified)).done();
  const size = isLarge ? LARGEST_U32 : bytes;
  return new RecordBytes()
    .u32(0x02014b50)
    .u16(MADE_ON_UNIX | ZIP64, wide.length > 0 ? ZIP64 : PLAIN, flagsOf(entry), 0, time, date)
    .u32(crc32, size, size)
    .u16(name.length, extras.length, 0, 0, 0)
    .u32(REGULAR_FILE, isFar ? LARGEST_U32 : offset)
    .bytes(name)
    .bytes(extras)
    .done();
}

/** The last records: of a directory with `count` entries and `bytes` bytes that begins at `offset`. O(1). */
export function directoryEnd(count: number, bytes: number, offset: number): Uint8Array<ArrayBuffer> {
  const record = new RecordBytes();
  if (count >= LARGEST_U16 || needsZip64(bytes) || needsZip64(offset)) {
    record
      .u32(0x06064b50)
      .u64(44)
      .u16(MADE_ON_UNIX | ZIP64, ZIP64)
      .u32(0, 0)
      .u64(count, count, bytes, offset)
      .u32(0x07064b50, 0)
      .u64(offset + bytes)
      .u32(1);
  }
  const told = Math.min(count, LARGEST_U16);
  return record
    .u32(0x06054b50)
    .u16(0, 0, told, told)
    .u32(Math.min(bytes, LARGEST_U32), Math.min(offset, LARGEST_U32))
    .u16(0)
    .done();
}
