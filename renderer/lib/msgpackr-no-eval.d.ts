/** The build of msgpackr without run-time code generation, which the page's policy forbids. It ships without types. */
declare module 'msgpackr/index-no-eval' {
  export { Packr } from 'msgpackr';
}
