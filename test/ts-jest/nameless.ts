import { RunInExecutor } from 'offloop';
import { UNDER_TEST } from '../contract/services';

export default class {
  @RunInExecutor(UNDER_TEST)
  async who(): Promise<string> {
    return 'nameless';
  }
}
