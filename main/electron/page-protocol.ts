import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { PAGE_HEADERS } from '../../preload/contract/page-policy.ts';

/** The page's own scheme instead of file://, which could read every file the user can. */
export const PAGE_SCHEME = 'talkbench';
export const PAGE_HOST = 'app';
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/`;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Whether `url` is a place of our page. URL.origin is 'null' for schemes the URL standard does not list. */
export function isPageUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${PAGE_SCHEME}:` && parsed.host === PAGE_HOST;
}

/** The file of `root` that `url` names, or null when it names none: another host, or a path that leaves `root`. */
export function pageFile(root: string, url: string): string | null {
  const parsed = isPageUrl(url) ? URL.parse(url) : null;
  if (parsed === null) return null;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
  // Joined first, compared after: an encoded slash hides `..` from the URL parser.
  return file.startsWith(root + sep) ? file : null;
}

/** Answers a request of the page's scheme from the built page in `root`. */
export async function servePage(root: string, request: { url: string; method: string }): Promise<Response> {
  const file = request.method === 'GET' ? pageFile(root, request.url) : null;
  const body = file === null ? null : await readFile(file).catch(() => null);
  if (file === null || body === null) return new Response(null, { status: 404, headers: PAGE_HEADERS });
  return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': contentTypes[extname(file)] ?? 'application/octet-stream' } });
}
