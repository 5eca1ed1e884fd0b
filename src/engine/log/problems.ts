import { messageOf, type Problem } from "../../base/result.ts";

/** A problem of one of the log's folders, or of the log as a whole where `folder` is absent. */
export interface LogProblem extends Problem {
  readonly folder?: string;
}

const RESUMES = "Telemetry in memory goes on, and logging resumes by itself.";

/** What a failed write means to a person, by the error codes of POSIX and Windows that Node passes on. */
export function writeProblem(folder: string, thrown: unknown): LogProblem {
  switch (errorCode(thrown)) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return {
        code: "log-disk-full",
        message: `The disk of the session log is full: ${folder}`,
        advice: `Make room on it or lower the log's size limit. ${RESUMES}`,
        folder,
      };
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return {
        code: "log-read-only",
        message: `The session log may not be written: ${folder}`,
        advice: `Allow writing there or choose another folder. ${RESUMES}`,
        folder,
      };
    case "ENOENT":
    case "ENOTDIR":
    case "ESTALE":
    case "ENODEV":
    case "ENXIO":
      return {
        code: "log-folder-missing",
        message: `The folder of the session log is gone: ${folder}`,
        advice: `Bring it back or choose another. ${RESUMES}`,
        folder,
      };
    default:
      return {
        code: "log-write-failed",
        message: `The session log cannot be written: ${folder}: ${messageOf(thrown)}`,
        advice: RESUMES,
        folder,
      };
  }
}

/** A record could not even be made ready for the disk: out of memory, for example. */
export function sealingFailed(thrown: unknown): LogProblem {
  return {
    code: "log-write-failed",
    message: `The session log cannot be written: ${messageOf(thrown)}`,
    advice: RESUMES,
  };
}

/** A folder is so slow, or hangs, that it is left out for now. */
export function folderBehind(folder: string): LogProblem {
  return {
    code: "log-folder-behind",
    message: `The folder of the session log is too slow and is left out: ${folder}`,
    advice: "It is taken up again by itself.",
    folder,
  };
}

/** More is waiting for the disk than may be held in memory. */
export function logBehind(): LogProblem {
  return {
    code: "log-behind",
    message: "The session log cannot keep up with what is received.",
    advice: "Requests are refused for a moment or not logged until the disk has caught up.",
  };
}

export function logClosed(): LogProblem {
  return { code: "log-closed", message: "The session log is closed." };
}

export function unreadable(path: string, thrown: unknown): LogProblem {
  return { code: "log-unreadable", message: `The session log cannot be read: ${path}: ${messageOf(thrown)}` };
}

export function corrupt(path: string, what: string): LogProblem {
  return {
    code: "log-corrupt",
    message: `A part of the session log is damaged and left out: ${path}: ${what}`,
  };
}

export function versionUnknown(path: string, version: number): LogProblem {
  return {
    code: "log-version-unknown",
    message: `The session log was written by another version of Spanlight: ${path} has format ${version}`,
    advice: "Update Spanlight to read it. The file is left as it is.",
  };
}

export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}
