import type { Parameters } from './parameters.ts';

/** One action of a service, as Tencent Cloud API v3 calls it. */
export interface ApiAction {
  /** 'X-TC-Version': actions of the same name may belong to several services. */
  version: string;
  name: string;
  parameters: Parameters;
  /** With parameters that fit. Answers what stands in `Response` beside the RequestId. Throws ApiError for what the document names. */
  run(parameters: Record<string, unknown>, caller: ApiCaller): Promise<Record<string, unknown>> | Record<string, unknown>;
}

export interface ApiCaller {
  requestId: string;
  /** Empty where signatures are not checked and none came. */
  secretId: string;
  region: string;
  /** Whether what it names may be asked by the bench: addresses of language models and voices. */
  mayNameServices: boolean;
}

/** A refusal in the API's own words: its code ('ResourceNotFound.StudioProductNotExist') and a sentence. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}
