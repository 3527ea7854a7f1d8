/** A file that was dropped or picked, not read yet. `path` has the folders below what was dropped. */
export interface ListedFile {
  path: string;
  open(): Promise<File>;
}

/** What is to be taken of what was dropped. `isWhole`: it is a build or a package by itself. */
export interface FoundFiles {
  files: { name: string; file: File }[];
  isWhole: boolean;
}

const flashable = /\.(bin|hex|uf2|csv|soc|binpkg|hbinpkg|img)$/i;
const packaged = /\.(soc|binpkg|hbinpkg)$/i;
/** What a build leaves beside its results, thousands of files deep. */
const neverLookedInto = /^(\.git|\.vscode|node_modules|CMakeFiles|esp-idf|managed_components|components)$/;
const mostListed = 20_000;
const mostTaken = 256;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const depthOf = (path: string): number => path.split('/').length;

/**
 * Of a dropped build folder only what its flasher_args.json names is read: the rest can be gigabytes. Without one, everything that
 * looks like firmware.
 */
export async function findFirmware(listed: readonly ListedFile[]): Promise<FoundFiles> {
  const [argumentsFile] = listed
    .filter(({ path }) => /(^|\/)flasher_args\.json$/.test(path))
    .sort((a, b) => depthOf(a.path) - depthOf(b.path));
  if (argumentsFile !== undefined) {
    const build = await filesOfBuild(argumentsFile, listed);
    if (build !== null) return { files: build, isWhole: true };
  }
  const useful = listed.filter(({ path }) => flashable.test(path) || path.endsWith('flasher_args.json'));
  const base = commonFolder(useful.map(({ path }) => path));
  const files = await Promise.all(
    useful.slice(0, mostTaken).map(async ({ path, open }) => ({ name: path.slice(base.length), file: await open() })),
  );
  return { files, isWhole: base !== '' || files.some(({ name }) => packaged.test(name)) };
}

/** Null when one of its files is not among those listed. */
async function filesOfBuild(argumentsFile: ListedFile, listed: readonly ListedFile[]): Promise<FoundFiles['files'] | null> {
  const file = await argumentsFile.open();
  const base = folderOf(argumentsFile.path);
  const found = [{ name: 'flasher_args.json', file }];
  for (const name of flashFileNames(await file.text())) {
    const listedFile = listed.find(({ path }) => path === base + name);
    if (listedFile === undefined) return null;
    found.push({ name, file: await listedFile.open() });
  }
  return found.length === 1 ? null : found;
}

/** Names in a flasher_args.json; none when it is not one. */
function flashFileNames(text: string): string[] {
  try {
    const { flash_files: files } = JSON.parse(text) as { flash_files?: Record<string, unknown> };
    return Object.values(files ?? {}).filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}

function commonFolder(paths: readonly string[]): string {
  let base = folderOf(paths[0] ?? '');
  while (base !== '' && !paths.every((path) => path.startsWith(base))) base = folderOf(base.slice(0, -1));
  return base;
}

/** Everything in a drop, folders walked through. The items must be taken before the event is over, which this does at once. */
export function listDropped(transfer: DataTransfer): Promise<ListedFile[]> {
  const entries = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return listEntries(entries);
}

async function listEntries(entries: readonly { entry: FileSystemEntry | null; file: File | null }[]): Promise<ListedFile[]> {
  const listed: ListedFile[] = [];
  async function walk(entry: FileSystemEntry, path: string): Promise<void> {
    if (listed.length >= mostListed) return;
    if (entry.isFile) {
      listed.push({ path, open: () => new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
      return;
    }
    if (neverLookedInto.test(entry.name)) return;
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A directory is given in pieces of a hundred, the last one empty.
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      for (const child of batch) await walk(child, `${path}/${child.name}`);
    }
  }
  for (const { entry, file } of entries) {
    if (entry !== null) await walk(entry, entry.name);
    else if (file !== null) listed.push({ path: file.name, open: async () => file });
  }
  return listed;
}

/** What an input of files or of a folder gave. */
export function listPicked(files: readonly File[]): ListedFile[] {
  return files
    .map((file) => ({ path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, open: async () => file }))
    .filter(
      ({ path }) =>
        !folderOf(path)
          .split('/')
          .some((folder) => neverLookedInto.test(folder)),
    );
}

/** The system's dialog for files or a folder, from a click or a key. Never resolves when it is closed without a choice. */
export function pickFiles(options: { accept?: string; isFolder?: boolean; isMultiple?: boolean }): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = options.accept ?? '';
  input.multiple = options.isMultiple ?? false;
  input.webkitdirectory = options.isFolder ?? false;
  const picked = new Promise<File[]>((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
  });
  input.click();
  return picked;
}
