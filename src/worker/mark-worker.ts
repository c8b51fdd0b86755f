/** The first import of each entry: what is loaded after it knows that it is in a worker. */
import { becomeWorker } from '../calls/host-state';

// Until there is an importer. Nothing of the user is imported before.
becomeWorker({ importing: false, onRefused: () => undefined });
