/**
 * A code for small plain data: small values, texts, dates and arrays of bytes, and plain objects, arrays, Maps and
 * Sets of them. It costs a fraction of JSON or of the v8 codec, and keeps all that structured clone keeps, and Buffers.
 */
import { FREE_TAG } from './small-value';

/** Beside the tags of small values: how many items or keys there are, or the shape, stands above the tag. */
export const ARRAY = FREE_TAG;
export const OBJECT = FREE_TAG + 1;
/** An object whose keys follow: its shape gets the next number. */
export const NEW_SHAPE = FREE_TAG + 2;
/** Above the tag stands the kind: a date, whose number follows, or what has so many bytes or items, which follow. */
export const BUILT_IN = FREE_TAG + 3;
/** Kinds beside those of views. */
export const DATE = 0;
/** An object that was met before: how many words before this one it begins, follows. Its first word has {@link MET}. */
export const SAME = 25;
/** An array of bytes that travels beside: the kind of its view and its number follow. */
export const BESIDE = 26;
/** In a patch: a class that was told, whose number follows, and one that gets the next number; as an object it follows. */
export const CLASS = 27;
export const NEW_CLASS = 28;
/** An object without a prototype; as a plain one it follows. */
export const BARE = 29;
export const MAP = 30;
export const SET = 31;
/** An object whose keys follow, and get no number: most keys that are data come once. */
export const KEYS = FREE_TAG + 4;
/** A string that is not short: how many bytes it has stands above the tag, one or two for each character. */
export const TEXT = FREE_TAG + 5;
export const WIDE_TEXT = FREE_TAG + 6;

/** A bit of the first word of an object that is met again. */
export const MET = 1 << 31;

/** The most items, keys or patches that stand in one place. */
export const MOST_ITEMS = 4096;
/** The most objects of a value. */
export const MOST_OBJECTS = 4096;
