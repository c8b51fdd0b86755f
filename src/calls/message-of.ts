import { isError } from './is-error';
import { describeValue } from './values/describe-value';

/** What a thrown value says, whatever it is: it may have no way to a string, or one that throws. */
export function messageOf(thrown: unknown): string {
  try {
    return String(isError(thrown) ? thrown.message : thrown);
  } catch {
    return describeValue(thrown);
  }
}

/** The same as a part of a sentence. */
export function reasonOf(thrown: unknown): string {
  return messageOf(thrown).replace(/\.$/, '');
}
