// plain_shim.cc: preloaded into a program under test (LD_PRELOAD), makes its libzmq one that says
// it was built without CURVE. Tests alone.
extern "C" int zmq_has(const char* capability);

extern "C" int zmq_has(const char*) { return 0; }
