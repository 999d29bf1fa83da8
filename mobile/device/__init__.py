"""The machine underneath: keys, files, camera, position, network; one module for browsers, one for native builds."""
