import { Scratch } from '../values/scratch';

/** The most words of a call's arguments, or of a result, that travel as a record: 96 KB. */
export const LINK_WORDS = 24 * 1024;

/** Between threads, longer texts and arrays of bytes take less time when they are posted. */
export const POSTED_BYTES = 16 * 1024;

/** All links of a thread write here, one value at a time. */
export const linkScratch = new Scratch(LINK_WORDS);
