import { Portable } from 'offloop';
import { Parcel } from './data-services';

// As an application does with a class of a package.
Portable()(Parcel);
