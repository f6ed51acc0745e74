export { version } from './index';
