"""What the browser build of the phone's app needs, and the script that makes it; never part of the app itself."""
