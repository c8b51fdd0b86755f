import { Scratch } from '../values/scratch';

/** The most words of a call's arguments, or of a result, that travel as a record: 16 KB. */
export const LINK_WORDS = 4 * 1024;

/** All links of a thread write here, one value at a time. */
export const linkScratch = new Scratch(LINK_WORDS);
