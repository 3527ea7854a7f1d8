import { openLibrary } from '../../../../../main/core/store/database.ts';

// Opens the library that is named, in a process that may write no file larger than its parent allows, and says what became of it.
const path = process.argv[2] ?? '';
try {
  const { database, unlock } = openLibrary(path, { movedToSuffix: '.moved' });
  const titles = database.prepare('SELECT title FROM session').pluck().all();
  console.log(JSON.stringify({ titles }));
  database.close();
  unlock();
} catch (error) {
  console.log(JSON.stringify({ error: (error as { value?: { code: string } }).value?.code ?? String(error) }));
}
