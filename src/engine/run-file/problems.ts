import { messageOf, type Problem } from "../../base/result.ts";
import { errorCode } from "../log/problems.ts";

export function cannotWrite(path: string, thrown: unknown): Problem {
  const isFull = errorCode(thrown) === "ENOSPC" || errorCode(thrown) === "EDQUOT";
  return {
    code: isFull ? "run-file-disk-full" : "run-file-not-written",
    message: `${path} cannot be written: ${messageOf(thrown)}`,
    advice: isFull ? "Make room on its disk or choose another." : "Choose another place.",
  };
}

export function cannotRead(path: string, thrown: unknown): Problem {
  return { code: "run-file-not-read", message: `${path} cannot be read: ${messageOf(thrown)}` };
}

export function notARunFile(path: string): Problem {
  return {
    code: "run-file-unknown",
    message: `${path} is no run saved by Spanlight, or its head is damaged.`,
  };
}

/** @param madeBy the version that wrote the file, undefined where its description is damaged */
export function newerRunFile(path: string, version: number, madeBy: string | undefined): Problem {
  const needed = madeBy === undefined ? "a newer version of Spanlight" : `Spanlight ${madeBy} or newer`;
  return {
    code: "run-file-newer",
    message: `${path} has format ${version} and needs ${needed}.`,
    advice: "Update Spanlight to open it.",
  };
}

export function cutRunFile(path: string): Problem {
  return {
    code: "run-file-cut",
    message: `${path} is cut off: what stands before its end was restored, the rest is missing.`,
    advice: "Copy the file again from where it came from.",
  };
}

export function damagedRunFile(path: string, what: string): Problem {
  return {
    code: "run-file-damaged",
    message: `A part of ${path} is damaged and was left out: ${what}.`,
    advice: "Everything else of it was restored.",
  };
}

export function interrupted(path: string): Problem {
  return { code: "cancelled", message: `${path} was not finished: it was cancelled.` };
}
