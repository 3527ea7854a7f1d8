export { VirtualClock } from '../../pipeline/virtual-clock.ts';
