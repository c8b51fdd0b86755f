import { registerClass, type AnyClass } from '../calls/callable';
import { markPortable } from '../calls/values/portable';

/** Lets a primitive travel as an argument, a result or a field: workers find its class in this module. */
export function makePortable(primitive: AnyClass, module: string): void {
  registerClass(primitive, { module, site: primitive.name });
  markPortable(primitive);
}
