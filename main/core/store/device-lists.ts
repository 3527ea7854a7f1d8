import type { Database } from 'better-sqlite3';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { DeviceList, DeviceListEntry } from '../../../preload/contract/provisioning.ts';
import type { Handlers, ReadRequests, WriteRequests } from './requests.ts';

type Changes = { [Name in Extract<keyof WriteRequests, `deviceList.${string}`>]: Handlers<WriteRequests>[Name] };
type Reads = { [Name in Extract<keyof ReadRequests, `deviceList.${string}`>]: Handlers<ReadRequests>[Name] };

interface EntryRow extends DeviceName {
  entry_key: number;
  state: DeviceListEntry['state'];
  mac: string | null;
}

const entryColumns = 'entry_key, product_id AS productId, device_name AS deviceName, state, mac';

/**
 * Who gets which device of a list. There is one writer, and each of these is a transaction of it: two boards never get the same. Each is on
 * the disk when it is answered, or a power cut would hand out again what is on a board already.
 */
export function createDeviceListChanges(database: Database): Changes {
  const listKey = database.prepare<[string], number>('SELECT list_key FROM device_list WHERE list_id = ?').pluck();
  const addList = database.prepare('INSERT INTO device_list (list_id, name, imported_wall_ms) VALUES (?, ?, ?)');
  const addEntry = database.prepare(
    'INSERT INTO device_list_entry (list_key, product_id, device_name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const devicesOf = database.prepare<[number], DeviceName>(
    'SELECT product_id AS productId, device_name AS deviceName FROM device_list_entry WHERE list_key = ?',
  );
  const reservedOf = database.prepare("SELECT 1 FROM device_list_entry WHERE list_key = ? AND state = 'reserved' LIMIT 1");
  const removeList = database.prepare('DELETE FROM device_list WHERE list_key = ?');
  // A board that was given several keeps the last.
  const ofBoard = database.prepare<[number, string], EntryRow>(
    `SELECT ${entryColumns} FROM device_list_entry WHERE list_key = ? AND mac = ? ORDER BY used_wall_ms DESC, entry_key DESC LIMIT 1`,
  );
  const nextFree = database.prepare<[number], EntryRow>(
    `SELECT ${entryColumns} FROM device_list_entry WHERE list_key = ? AND state = 'free' ORDER BY entry_key LIMIT 1`,
  );
  const byName = database.prepare<[string, string], EntryRow & { list_key: number }>(
    `SELECT ${entryColumns}, list_key FROM device_list_entry WHERE product_id = ? AND device_name = ?`,
  );
  // What another job is burning into the same board may come to be there: it counts as used from now on.
  const reserve = database.prepare(
    `UPDATE device_list_entry SET used_wall_ms = CASE state WHEN 'reserved' THEN coalesce(used_wall_ms, @wallMs) ELSE used_wall_ms END,
       state = 'reserved', job_id = @jobId, mac = @mac WHERE entry_key = @entry`,
  );
  const settleUsed = database.prepare(
    "UPDATE device_list_entry SET state = 'used', job_id = NULL, used_wall_ms = @wallMs WHERE job_id = @jobId",
  );
  const settleUnused = database.prepare(
    `UPDATE device_list_entry SET state = CASE WHEN used_wall_ms IS NULL THEN 'free' ELSE 'used' END, job_id = NULL,
       mac = CASE WHEN used_wall_ms IS NULL THEN NULL ELSE mac END WHERE job_id = ?`,
  );
  const recover = database.prepare(
    "UPDATE device_list_entry SET state = 'used', job_id = NULL, used_wall_ms = coalesce(used_wall_ms, ?) WHERE state = 'reserved'",
  );
  const release = database.prepare("UPDATE device_list_entry SET state = 'free', mac = NULL, used_wall_ms = NULL WHERE entry_key = ?");

  /** One transaction, synced: the library's other commits may be lost with the machine's power. */
  function durably<Result>(change: () => Result): Result {
    database.pragma('synchronous = FULL');
    try {
      return database.transaction(change)();
    } finally {
      database.pragma('synchronous = NORMAL');
    }
  }

  return {
    'deviceList.add': ({ listId, name, wallMs, devices }) => {
      let taken: DeviceName | null = null;
      const refused = new Error('a device is in a list');
      try {
        durably(() => {
          const key = addList.run(listId, name, wallMs).lastInsertRowid;
          for (const device of devices) {
            if (addEntry.run(key, device.productId, device.deviceName).changes > 0) continue;
            taken = { productId: device.productId, deviceName: device.deviceName };
            throw refused;
          }
        });
      } catch (error) {
        if (error !== refused) throw error;
      }
      return { taken };
    },
    'deviceList.remove': ({ listId }) =>
      durably(() => {
        const key = listKey.get(listId);
        if (key === undefined) return { removed: null };
        if (reservedOf.get(key) !== undefined) return { removed: false };
        const removed = devicesOf.all(key);
        removeList.run(key);
        return { removed };
      }),
    'deviceList.reserveNext': ({ listId, mac, jobId, wallMs }) =>
      durably(() => {
        const key = listKey.get(listId);
        if (key === undefined) return null;
        const entry = (mac === null ? undefined : ofBoard.get(key, mac)) ?? nextFree.get(key);
        if (entry === undefined) return null;
        reserve.run({ entry: entry.entry_key, mac, jobId, wallMs });
        return { productId: entry.productId, deviceName: entry.deviceName };
      }),
    'deviceList.reserve': ({ productId, deviceName, mac, jobId, wallMs }) =>
      durably(() => {
        const entry = byName.get(productId, deviceName);
        if (entry === undefined) return { outcome: 'unlisted' };
        if (entry.state !== 'free' && (entry.mac === null || entry.mac !== mac)) return { outcome: 'elsewhere' };
        reserve.run({ entry: entry.entry_key, mac, jobId, wallMs });
        return { outcome: 'reserved' };
      }),
    'deviceList.settle': ({ jobId, isUsed, wallMs }) =>
      durably(() => ({ changed: (isUsed ? settleUsed.run({ jobId, wallMs }) : settleUnused.run(jobId)).changes })),
    'deviceList.recover': ({ wallMs }) => durably(() => ({ changed: recover.run(wallMs).changes })),
    'deviceList.release': ({ listId, productId, deviceName }) =>
      durably(() => {
        const entry = byName.get(productId, deviceName);
        if (entry === undefined || entry.list_key !== listKey.get(listId)) return { found: false, isBusy: false };
        if (entry.state === 'reserved') return { found: true, isBusy: true };
        release.run(entry.entry_key);
        return { found: true, isBusy: false };
      }),
  };
}

export function createDeviceListReads(database: Database): Reads {
  const all = database.prepare<[], DeviceList>(
    `SELECT list_id AS listId, name, count(entry_key) AS total,
       count(*) FILTER (WHERE state = 'free') AS free, count(*) FILTER (WHERE state = 'reserved') AS reserved,
       count(*) FILTER (WHERE state = 'used') AS used
     FROM device_list LEFT JOIN device_list_entry USING (list_key) GROUP BY list_key ORDER BY imported_wall_ms, list_key`,
  );
  const entries = database.prepare<[string], DeviceListEntry>(
    `SELECT product_id AS productId, device_name AS deviceName, state, mac, used_wall_ms AS usedWallMs
     FROM device_list_entry JOIN device_list USING (list_key) WHERE list_id = ? ORDER BY entry_key`,
  );
  const listOf = database
    .prepare<[string, string], string>(
      'SELECT name FROM device_list_entry JOIN device_list USING (list_key) WHERE product_id = ? AND device_name = ?',
    )
    .pluck();
  return {
    'deviceList.all': () => all.all(),
    'deviceList.entries': ({ listId }) => entries.all(listId),
    'deviceList.find': ({ devices }) =>
      devices.flatMap(({ productId, deviceName }) => {
        const listName = listOf.get(productId, deviceName);
        return listName === undefined ? [] : [{ productId, deviceName, listName }];
      }),
  };
}
