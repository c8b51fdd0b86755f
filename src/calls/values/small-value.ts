/**
 * A compact code for the values that calls carry most: undefined, null, booleans, numbers, short strings. It is
 * made of 32-bit words, costs a fraction of structured clone or the v8 codec, and has a bounded size.
 *
 * The low bits of a value's first word are its tag; a small integer, and the length of a string, stand in the
 * bits above.
 */
const Tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  smallInt: 4,
  int: 5,
  double: 6,
  /** One byte for each character. */
  string: 7,
  /** Two bytes for each. */
  wideString: 8,
} as const;
export const TAG_BITS = 4;
export const TAG_MASK = 15;
/** Tags from this one on are left to codes that know more. */
export const FREE_TAG = 9;

/** The most characters of a short string. */
export const SHORT_STRING = 100;

/** The most words that a value takes. */
export const SMALL_VALUE_WORDS = 1 + SHORT_STRING / 2;

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

/**
 * Writes `value` at `at`, where {@link SMALL_VALUE_WORDS} are free.
 *
 * @returns the index behind it, or -1 when the value is not small
 */
export function writeSmallValue(words: Int32Array, at: number, value: unknown): number {
  if (value === undefined) {
    words[at] = Tag.undefined;
    return at + 1;
  }
  if (typeof value === 'number') return writeNumber(words, at, value);
  if (typeof value === 'string') return writeString(words, at, value);
  if (value === null) words[at] = Tag.null;
  else if (value === true) words[at] = Tag.true;
  else if (value === false) words[at] = Tag.false;
  else return -1;
  return at + 1;
}

function writeNumber(words: Int32Array, at: number, value: number): number {
  const int = value | 0;
  // Object.is keeps -0 out of the integers.
  if (int === value && (int !== 0 || Object.is(value, 0))) {
    const small = int << TAG_BITS;
    if (small >> TAG_BITS === int) {
      words[at] = small | Tag.smallInt;
      return at + 1;
    }
    words[at] = Tag.int;
    words[at + 1] = int;
    return at + 2;
  }
  double[0] = value;
  words[at] = Tag.double;
  words[at + 1] = doubleWords[0];
  words[at + 2] = doubleWords[1];
  return at + 3;
}

function writeString(words: Int32Array, at: number, value: string): number {
  const { length } = value;
  if (length > SHORT_STRING) return -1;
  words[at] = (length << TAG_BITS) | Tag.string;
  let word = 0;
  let next = at + 1;
  for (let index = 0; index < length; index++) {
    const code = value.charCodeAt(index);
    if (code > 0xff) return writeWideString(words, at, value);
    word |= code << ((index & 3) * 8);
    if ((index & 3) === 3) {
      words[next++] = word;
      word = 0;
    }
  }
  if ((length & 3) !== 0) words[next++] = word;
  return next;
}

function writeWideString(words: Int32Array, at: number, value: string): number {
  const { length } = value;
  words[at] = (length << TAG_BITS) | Tag.wideString;
  let next = at + 1;
  for (let index = 0; index < length; index += 2) {
    // Behind the end of the string there is a NaN, which the operators take for 0.
    words[next++] = value.charCodeAt(index) | (value.charCodeAt(index + 1) << 16);
  }
  return next;
}

/** To read more characters than these one by one takes longer than to have the engine read them, which makes one piece. */
const FEW_CHARACTERS = 8;
const none = new Int32Array(0);

/** Reads small values one after the other. */
export class SmallValueReader {
  /** Behind the value that was read last. */
  at = 0;
  /** The words whose texts were read last, and their bytes. */
  #words: Int32Array = none;
  #bytes: Buffer = Buffer.from(none.buffer);

  read(words: Int32Array, at: number): unknown {
    const first = words[at];
    this.at = at + 1;
    switch (first & TAG_MASK) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.smallInt:
        return first >> TAG_BITS;
      case Tag.int:
        this.at = at + 2;
        return words[at + 1];
      case Tag.double:
        this.at = at + 3;
        doubleWords[0] = words[at + 1];
        doubleWords[1] = words[at + 2];
        return double[0];
      case Tag.string:
        return this.#readString(words, at + 1, first >>> TAG_BITS);
      case Tag.wideString:
        return this.#readWideString(words, at + 1, first >>> TAG_BITS);
      default:
        throw new RangeError(`no small value has the tag ${first & TAG_MASK}`);
    }
  }

  #readString(words: Int32Array, at: number, length: number): string {
    checkLength(length);
    if (length > FEW_CHARACTERS) return this.readText(words, at, length, 'latin1');
    let text = '';
    for (let index = 0; index < length; index++) {
      text += String.fromCharCode((words[at + (index >> 2)] >> ((index & 3) * 8)) & 0xff);
    }
    this.at = at + ((length + 3) >> 2);
    return text;
  }

  #readWideString(words: Int32Array, at: number, length: number): string {
    checkLength(length);
    return this.readText(words, at, 2 * length, 'utf16le');
  }

  /** Reads a text of so many bytes. */
  readText(words: Int32Array, at: number, size: number, encoding: 'latin1' | 'utf16le'): string {
    this.at = at + ((size + 3) >> 2);
    if (this.at > words.length) throw new RangeError(`no text has ${size} bytes here`);
    if (this.#words !== words) {
      this.#words = words;
      this.#bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    }
    return this.#bytes.toString(encoding, at * 4, at * 4 + size);
  }
}

function checkLength(length: number): void {
  if (length > SHORT_STRING) throw new RangeError(`no small value has ${length} characters`);
}
