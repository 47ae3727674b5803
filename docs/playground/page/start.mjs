// Starts Python from a memory snapshot with the packages imported.

export async function startFrom(snapshot, packages, { loadPyodide, createPyodideModule, ...options }) {
  const roomy = async (settings) => {
    const module = await createPyodideModule(settings), { length } = await snapshot;
    if (module.HEAP8.length < length) module._free(module._malloc(length));
    return module;
  };
  const pyodide = await loadPyodide({ ...options, createPyodideModule: roomy, _loadSnapshot: snapshot });
  pyodide.FS.writeFile("/packages.zip", await packages);
  // Otherwise every visit would draw the same random numbers.
  pyodide.runPython("import random; random.seed()");
  return pyodide;
}
