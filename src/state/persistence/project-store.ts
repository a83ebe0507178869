import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { err, ok, type Result } from "../../core/result.ts";
import { type KeptFiles, readFiles } from "./model-files.ts";

interface Schema extends DBSchema {
  /** Records as `projectRecord` writes them, by project id. Nothing that is read here is believed. */
  projects: { key: string; value: unknown };
  /** What a list of them shows, so that it need not read them. */
  summaries: { key: string; value: unknown };
  /** `KeptFiles` by project id: apart, because they are large and never change. */
  files: { key: string; value: unknown };
}

const DATABASE = "splitscope";
const DATABASE_VERSION = 1;

export interface KeptRecord {
  readonly record: object;
  readonly summary: object;
}

const STORES = ["projects", "summaries", "files"] as const;

/** The projects kept in this browser. Every failure is one sentence. */
export interface ProjectStore {
  /** Summaries. */
  list(): Promise<Result<readonly unknown[]>>;
  read(id: string): Promise<Result<unknown>>;
  readFiles(id: string): Promise<Result<KeptFiles>>;
  /** All at once, or nothing; files that are not given stay as they are. */
  write(id: string, project: KeptRecord, files?: KeptFiles): Promise<Result<null>>;
  remove(id: string): Promise<Result<null>>;
}

function sentenceOf(reason: unknown): string {
  const name = reason instanceof DOMException ? reason.name : "";
  if (name === "VersionError") {
    return "The projects kept in this browser were written by a later version of Splitscope: they are left as they are, and nothing is kept of this session.";
  }
  if (name === "QuotaExceededError") {
    return "The browser has no room left for this project: delete others under Projects in the model menu, or export the plan.";
  }
  const why = reason instanceof Error && reason.message !== "" ? reason.message : String(reason);
  return `This browser keeps no projects here: ${why.replace(/\.$/, "")}.`;
}

export function createProjectStore(): ProjectStore {
  let opening: Promise<IDBPDatabase<Schema>> | null = null;

  const open = (): Promise<IDBPDatabase<Schema>> => {
    const database = openDB<Schema>(DATABASE, DATABASE_VERSION, {
      upgrade: (created) => {
        for (const name of STORES) created.createObjectStore(name);
      },
      // A later version in another tab goes first; this tab opens again when it needs to, or is refused.
      blocking: (_current, _blocked, event) => {
        opening = null;
        if (event.target instanceof IDBDatabase) event.target.close();
      },
      terminated: () => {
        opening = null;
      },
    });
    database.catch(() => {
      opening = null;
    });
    return database;
  };

  const using = async <T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<Result<T>> => {
    try {
      opening ??= open();
      return ok(await work(await opening));
    } catch (reason) {
      return err(sentenceOf(reason));
    }
  };

  return {
    list: () => using((database) => database.getAll("summaries")),
    read: (id) => using((database) => database.get("projects", id)),
    readFiles: (id) => using(async (database) => readFiles(await database.get("files", id))),
    write: (id, { record, summary }, files) =>
      using(async (database) => {
        const change = database.transaction(STORES, "readwrite");
        const writes: Promise<unknown>[] = [
          change.objectStore("projects").put(record, id),
          change.objectStore("summaries").put(summary, id),
        ];
        if (files !== undefined) writes.push(change.objectStore("files").put(files, id));
        await Promise.all([...writes, change.done]);
        return null;
      }),
    remove: (id) =>
      using(async (database) => {
        const change = database.transaction(STORES, "readwrite");
        await Promise.all([...STORES.map((name) => change.objectStore(name).delete(id)), change.done]);
        return null;
      }),
  };
}
